"""ClaimReview (schema.org) from fact-checkers' feeds into known claims.

`feed` finds the reviews in a file, `review` reads one, `ratings` says which stance a
rating is, `merge` makes claims of them. Nothing here says true or false: a rating
becomes a stance of its publisher.
"""
