package config

// ParseDotenv is parseDotenv, as a library's would be.
func ParseDotenv(data string) map[string]string {
	all := map[string]string{}
	for _, a := range parseDotenv(data) {
		if a.err == nil {
			all[a.name] = a.value
		}
	}
	return all
}
