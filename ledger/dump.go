package ledger

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// NoBackup is ErrNoBackup with the command that backs a ledger up which is in the
// database of a URL. The password is not in it.
func NoBackup(place string) error {
	dump, _ := dumpCommands(place)
	return fmt.Errorf("%w: %s", ErrNoBackup, dump)
}

// NoRestore is ErrNoBackup with the command that puts back what that of NoBackup wrote.
func NoRestore(place string) error {
	_, restore := dumpCommands(place)
	return fmt.Errorf("%w: stop all services, and %s", ErrNoBackup, restore)
}

// dumpCommands are those of PostgreSQL's own tools, which know most of what a URL may
// have, but not the schema. They take the password from where we do, of a URL but for that.
func dumpCommands(place string) (dump, restore string) {
	u, err := url.Parse(Shown(place))
	if err != nil {
		return "pg_dump", "pg_restore"
	}
	query, of := u.Query(), ""
	if schema, _, _ := strings.Cut(query.Get("search_path"), ","); schema != "" {
		of = " --schema=" + quoted(strings.Trim(schema, `" `))
	}
	for name := range query {
		if !slices.Contains(libpqNames(), name) {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	at := " --dbname=" + quoted(u.String())
	return "pg_dump --format=custom --file=ledger.dump" + of + at, "pg_restore --clean --if-exists --single-transaction" + of + at + " ledger.dump"
}

// libpqNames are the parameters of a URL that both PostgreSQL's tools since 14 and pgx know.
func libpqNames() []string {
	return []string{
		"application_name", "connect_timeout", "dbname", "host", "krbsrvname", "options", "passfile", "port", "service",
		"sslcert", "sslkey", "sslmode", "sslrootcert", "sslsni", "target_session_attrs", "user",
	}
}

// quoted is text as a shell takes it as it is.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
