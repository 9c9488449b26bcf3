"""Pure: structs and functions. No input or output, no clock of its own, no other room but `engine.clock`."""
