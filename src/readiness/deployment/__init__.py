"""Readers of deployment files: text in, typed structures out. They open no file and judge nothing."""
