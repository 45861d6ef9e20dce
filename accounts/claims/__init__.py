"""What the school's own sign-in says of a person, its claims, and what follows: who that is here, and which roles."""
