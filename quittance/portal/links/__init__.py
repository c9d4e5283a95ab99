"""What somebody without a sign-in sees who opens a pay link."""
