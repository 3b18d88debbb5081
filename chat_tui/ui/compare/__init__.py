"""Low, medium and high side by side: the question, three answers, one of which is kept."""
