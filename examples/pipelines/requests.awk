# Writes a made-up access log: -v seed=N -v lines=N. A few addresses make most of the requests, as everywhere.
BEGIN {
	srand(seed)
	split("GET GET GET GET POST HEAD", method, " ")
	split("/ /index.html /about /login /search /api/items /api/users /static/app.js /static/style.css", path, " ")
	split("200 200 200 200 304 404 500", status, " ")
	for (i = 0; i < lines; i++) {
		u = int(exp(rand() * log(4000)))
		printf "10.%d.%d.%d - - [%d] \"%s %s\" %d %d\n", u % 7, u / 256, u % 256, 1700000000 + i, \
			method[1 + int(rand() * 6)], path[1 + int(rand() * 9)], status[1 + int(rand() * 7)], 200 + int(rand() * 9000)
	}
}
