package archive

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// folder is where the files are.
const folder = "readings/"

const hourForm = "date=2006-01-02/hour=15"

// hourOf is the hour of UTC that an entry was appended in.
func hourOf(appended int64) time.Time { return time.Unix(0, appended).UTC().Truncate(time.Hour) }

// fileKey is a key that no other file has.
func fileKey(hour time.Time, partition int, number uint64) string {
	return fmt.Sprintf("%s%s/p=%03d-%012d-%s.parquet", folder, hour.Format(hourForm), partition, number, strings.ToLower(rand.Text()[:5]))
}

// claimPrefix is what the keys of a partition's claims on a stream begin with. No window
// has a name that begins with _.
func claimPrefix(stream string, partition int) string {
	if stream != "" {
		stream = "-" + stream
	}
	return fmt.Sprintf("checkpoints/_archive%s/p=%03d/", stream, partition)
}

func claimKey(stream string, partition int, number uint64) string {
	return fmt.Sprintf("%s%012d.json", claimPrefix(stream, partition), number)
}
