-- After all letters of a release were added.
SELECT letters_added()
