"""What speaks to the world outside: the two gateways, their stand-ins, the database, the command line."""
