"""What sopspy does with a file, one operation each: functions of bytes, a key ring and a clock. No files, no
prompts."""
