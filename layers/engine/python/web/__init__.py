"""The HTTP API's form: its operations as data, what they take and answer, and the one way they are served."""
