package pack

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Prefix is what the keys of all packs and heads begin with.
const Prefix = "packs/"

const (
	packSuffix = ".pack"
	headSuffix = ".json"
)

// folderOf is what the keys of a partition begin with.
func folderOf(partition int) string { return fmt.Sprintf("%sp=%03d/", Prefix, partition) }

func packKey(partition int, sum [32]byte) string {
	return folderOf(partition) + hex.EncodeToString(sum[:]) + packSuffix
}

func headKey(partition int, fingerprint [32]byte) string {
	return folderOf(partition) + hex.EncodeToString(fingerprint[:]) + headSuffix
}

// parseKey reads the key of a pack or a head.
func parseKey(key string) (partition int, sum [32]byte, suffix string, ok bool) {
	rest, ok := strings.CutPrefix(key, Prefix+"p=")
	if !ok {
		return 0, sum, "", false
	}
	number, name, _ := strings.Cut(rest, "/")
	partition, err := strconv.Atoi(number)
	if err != nil || partition < 0 || len(name) < 2*len(sum) {
		return 0, sum, "", false
	}
	if _, err := hex.Decode(sum[:], []byte(name[:2*len(sum)])); err != nil {
		return 0, sum, "", false
	}
	switch suffix = name[2*len(sum):]; suffix {
	case packSuffix:
		ok = packKey(partition, sum) == key
	case headSuffix:
		ok = headKey(partition, sum) == key
	default:
		ok = false
	}
	return partition, sum, suffix, ok
}

// parsePackKey is parseKey for packs alone, of any origin.
func parsePackKey(key string) (folder string, sum [32]byte, err error) {
	partition, sum, suffix, ok := parseKey(key)
	if !ok || suffix != packSuffix {
		return "", sum, fmt.Errorf("%.200q is not the key of a pack", key)
	}
	return folderOf(partition), sum, nil
}
