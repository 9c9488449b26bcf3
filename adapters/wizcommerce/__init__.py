"""WizCommerce: its gateway, its wire types and its stand-in."""
