"""What helps where one writes: completion, files, placeholders, the editor of one's own."""
