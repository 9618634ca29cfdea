"""Formulas and linear combinations."""


def make(seeds):
    for text in ("y ~ a + b", "y ~ a * b - a:b", "y~0+a", "y ~ a - 1", "y ~ factor(a) + `b c`:d", "y ~ a + (1 | g)", "y ~ (1 + t || g/h)", "y ~ (0 + a:b | g)",
                 "y ~ (a + b)^2", "y ~ 1", "`a ``b` ~ x", "y ~ a*b*c", "y ~ \xc3\xa6\xc3\xb8", "y ~ pgs.mother + pgs.father", "log(y) ~ a", "y ~ a +", "~ a", "y", "", "y ~ a b",
                 "y ~ (a", "y ~ `a", "y ~ 2", "y ~ factor()", "y ~ factor(a", "y ~ (1 | )", "y ~ (|g)", "y ~ a | g", "y ~ -a", "y ~ a - b", "y ~ \x1b[2J", "y ~ a ~ b", "y ~ (1|a/b/c)",
                 "y ~ ((((((a))))))", "y ~ a:a", "y ~ 1 + 0", "y ~ 'a'", "y ~ a.b_c1", "y ~ 1a", "y ~ (1 + a | g) + (1 | g)"):
        seeds.add(text)
    for text in ("a - b", "0.5*a + 0.5*b", "`x y` - 2*z", "-a", "2 *", "a b", "", "1e999*a", "a - - b", "0*a", "3", "a + a", "\x07", "a:b - factor(c)x", "1e308*a + 1e308*a"):
        seeds.add("y ~ a\n" + text)
    for text in ("y ~ I(a^2) + poly(b, 3)", "y ~ I(a^1)", "y ~ I(a)", "y ~ poly(a 2)", "y ~ poly(a, 10)", "log(y + 1) ~ log(a + 0.5) + exp(b) + sqrt(c)",
                 "log(y + z) ~ a", "sin(y) ~ a", "y ~ sin(a)", "y^2 ~ a", "y ~ a^2", "y ~ .", "y ~ (0 | g)", "y ~ (1 | g) + (1 | g)", "y ~ (1 | g:g)",
                 "y ~ (1 | g) * a", "y ~ a:(1 | g)", "y ~ a - (1 | g)", "y ~ (a + (1 | g))"):
        seeds.add(text)
    for step in ("b", "a + b:a", "a*b", "c", "1", "b + (1 | h)", "factor(a)"):
        seeds.add("y ~ a * b + (1 | g)\n" + step)
