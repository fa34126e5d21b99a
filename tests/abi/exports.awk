# SPDX-License-Identifier: MIT
# Print the functions that C headers declare: with -v want=export those marked RB_EXPORT, with
# -v want=inline the static inline ones. Understands C as our headers write it, no more.

{ text = text $0 "\n" }

function without_comments(s,    out, at, end) {
	while ((at = index(s, "/*")) > 0) {
		out = out substr(s, 1, at - 1) " "
		s = substr(s, at + 2)
		end = index(s, "*/")
		s = substr(s, end + 2)
	}
	return out s
}

END {
	text = without_comments(text)
	gsub(/\\\n/, " ", text)
	n = split(text, lines, "\n")
	text = ""
	for (i = 1; i <= n; i++)
		if (lines[i] !~ /^[ \t]*#/)
			text = text lines[i] " "

	mark = want == "inline" ? "static inline" : "RB_EXPORT"
	n = split(text, statements, /[;{}]/)
	for (i = 1; i <= n; i++) {
		s = statements[i]
		gsub(/[ \t]+/, " ", s)
		if (index(s, mark) == 0)
			continue
		if (match(s, /rb_[a-z0-9_]+ ?\(/)) {
			name = substr(s, RSTART, RLENGTH - 1)
			sub(/ /, "", name)
			print name
		} else {
			print "no function name in: " s >"/dev/stderr"
			exit 1
		}
	}
}
