"""Expert review: who is asked, who must not see what, who reviews what, and what they say of it."""
