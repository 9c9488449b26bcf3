"""`python -m adapters.bench`."""

from adapters.bench import main

if __name__ == "__main__":
    main()
