package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fleetscore/fleetscore/internal/counted"
)

// A copy ends with a seal, a line of the SHA-256 of all before it. SQLite does not look at
// what is behind the last page of a database.
const (
	sealMark = "\nfleetscore backup, sha256 of all above: "
	sealSize = len(sealMark) + 2*sha256.Size + 1
	// pageUnit divides the size of any database of SQLite, and not that of one with a seal.
	pageUnit = 512
)

// seal writes the seal of a file at its end.
func seal(file *os.File) error {
	hash := sha256.New()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	_, err := file.WriteString(sealMark + hex.EncodeToString(hash.Sum(nil)) + "\n")
	return err
}

// unseal copies what is sealed to w, and returns its SHA-256; "" if it has no seal, as
// those of older versions. ErrDamaged if it is not as it was sealed.
func unseal(file *os.File, w io.Writer) (sum string, err error) {
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	size := info.Size()
	if size%pageUnit == 0 {
		_, err := io.Copy(w, file)
		return "", err
	}
	size -= int64(sealSize)
	end := make([]byte, sealSize)
	if size < 0 {
		return "", fmt.Errorf("%w: it is %s long, which is too short", ErrDamaged, counted.Of(info.Size(), "byte"))
	}
	if _, err := file.ReadAt(end, size); err != nil {
		return "", err
	}
	sum, marked := sealed(end)
	if !marked || size%pageUnit != 0 {
		return "", fmt.Errorf("%w: it is %d bytes long and does not end with its SHA-256, so it was cut off or changed", ErrDamaged, info.Size())
	}
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(hash, w), io.LimitReader(file, size)); err != nil {
		return "", err
	}
	if now := hex.EncodeToString(hash.Sum(nil)); now != sum {
		return "", fmt.Errorf("%w: its SHA-256 is %s, and was %s when it was written", ErrDamaged, now, sum)
	}
	return sum, nil
}

func sealed(end []byte) (sum string, ok bool) {
	rest, marked := bytes.CutPrefix(end, []byte(sealMark))
	rest, ended := bytes.CutSuffix(rest, []byte("\n"))
	_, err := hex.DecodeString(string(rest))
	return string(rest), marked && ended && err == nil
}

// checkSeal is unseal of a file of a name.
func checkSeal(path string) (sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	sum, err = unseal(file, io.Discard)
	return sum, errors.Join(err, file.Close())
}
