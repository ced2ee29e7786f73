// KernelFormats
