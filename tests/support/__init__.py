"""What several test modules share: a real server process, a real browser, a person who clicks."""
