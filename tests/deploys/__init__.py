"""The portal is brought out: behind its nginx, one server after the other, with migrations beside it."""
