package aggregator

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// hourOf is the hour of UTC that a window starts in.
func hourOf(start int64) time.Time { return time.Unix(0, start).UTC().Truncate(time.Hour) }

// windowFolder is where the files of a window are.
func windowFolder(name string) string { return fmt.Sprintf("windows/window=%s/", name) }

// hourPrefix is what the keys of an hour's files begin with.
func hourPrefix(name string, hour time.Time) string {
	return fmt.Sprintf("%sdate=%s/hour=%s/", windowFolder(name), hour.Format("2006-01-02"), hour.Format("15"))
}

// partitionPrefix is what the keys of a partition's files in an hour begin with.
func partitionPrefix(name string, hour time.Time, partition int) string {
	return fmt.Sprintf("%sp=%03d-", hourPrefix(name, hour), partition)
}

// fileKey is a key that no other file has: of those of one number all but one are
// leftovers.
func fileKey(name string, hour time.Time, partition int, number uint64) string {
	return fmt.Sprintf("%s%012d-%s.parquet", partitionPrefix(name, hour, partition), number, strings.ToLower(rand.Text()[:5]))
}

func lateFolder(name string) string { return fmt.Sprintf("late/window=%s/", name) }

func latePrefix(name string, partition int) string {
	return fmt.Sprintf("%sp=%03d/", lateFolder(name), partition)
}

// lateOf is what the key of the late readings of a checkpoint begins with.
func lateOf(name string, partition int, number uint64) string {
	return fmt.Sprintf("%s%012d-", latePrefix(name, partition), number)
}

// lateKey is where the late readings of a checkpoint are.
func lateKey(name string, partition int, number uint64) string {
	return lateOf(name, partition, number) + strings.ToLower(rand.Text()[:5]) + ".ndjson"
}

func checkpointPrefix(name string, partition int) string {
	return fmt.Sprintf("checkpoints/%s/p=%03d/", name, partition)
}

func checkpointKey(name string, partition int, number uint64) string {
	return fmt.Sprintf("%s%012d.json", checkpointPrefix(name, partition), number)
}

// stateKey is where the engine's state of a checkpoint is.
func stateKey(name string, partition int, number uint64) string {
	return fmt.Sprintf("%s%012d-%s.state", checkpointPrefix(name, partition), number, strings.ToLower(rand.Text()[:5]))
}

// numberOf is the number of the checkpoint that a key, which begins with a prefix, was
// made for.
func numberOf(key, prefix string) (number uint64, ok bool) {
	text, ok := strings.CutPrefix(key, prefix)
	digits, _, cut := strings.Cut(text, "-")
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, ok && cut && err == nil
}
