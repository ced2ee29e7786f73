"""A kernel without IPv6, as a process sees one that was booted with ipv6.disable=1."""
import ctypes
import platform
import socket
import struct

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER, SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 2, 0x50000, 0x7FFF0000
LOAD, IS_EQUAL, RETURN = 0x20, 0x15, 0x06
SYS_SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]


def refuse(code):
    """From here on socket(AF_INET6, …) fails with `code`, in this process and those it becomes. For `preexec_fn`."""
    # struct seccomp_data: nr, arch, instruction_pointer, args[6].
    instructions = [
        (LOAD, 0, 0, 0), (IS_EQUAL, 0, 3, SYS_SOCKET), (LOAD, 0, 0, 16), (IS_EQUAL, 0, 1, socket.AF_INET6),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | code), (RETURN, 0, 0, SECCOMP_RET_ALLOW),
    ]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in instructions))
    program = ctypes.create_string_buffer(struct.pack("HP", len(instructions), ctypes.addressof(filters)))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl")
