// PortModel
