"""placeholder"""
from readiness.source import Module
def environment_reads(module: Module) -> Module:
    return module
