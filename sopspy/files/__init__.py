"""Everything that touches the file system: reading and whole writes, private folders in memory, the editor.

Knows nothing of formats, keys or encryption: files are bytes here.
"""
