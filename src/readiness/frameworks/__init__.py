"""What each web and gRPC framework registers, one module per language or family. Parses nothing itself."""
