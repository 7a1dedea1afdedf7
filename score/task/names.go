package task

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
)

// fileNames name the file of each sensor of a task. Nearly all are called as the
// template says. What the template would call as it calls another sensor of the
// task, or by a name that is too long for a key, is called otherwise, so that no
// sensor fails for the name of its file.
type fileNames struct {
	template store.KeyTemplate
	others   map[fleet.Sensor]string
}

// newFileNames looks for the sensors of set that need another name. That depends
// on who has readings, and not on whose scoring goes well, so that every attempt
// comes to the same names.
func newFileNames(template store.KeyTemplate, set *readings.Set) *fileNames {
	n := &fileNames{template, map[fleet.Sensor]string{}}
	first := make(map[string]fleet.Sensor, len(set.Series)) // by the file's name
	for _, series := range set.Series {
		s := series.Sensor
		key := template.Expand(s)
		if store.CheckKey(key) != nil {
			n.others[s] = n.apart(s)
			continue
		}
		file := score.SameFile(key)
		if other, taken := first[file]; taken {
			n.others[s], n.others[other] = n.apart(s), n.apart(other)
			continue
		}
		first[file] = s
	}
	return n
}

// of is the name of a sensor's file.
func (n *fileNames) of(s fleet.Sensor) string {
	if name, ok := n.others[s]; ok {
		return name
	}
	return n.template.Expand(s)
}

// apart is a name that no other sensor's file has. A template never writes "%5F",
// so that it meets no name of a sensor that is called as usual; neither does it
// write "%s", with which names begin that are digests as they would be too long.
func (n *fileNames) apart(s fleet.Sensor) string {
	folder, file := path.Split(n.template.String())
	encoded := strings.NewReplacer("{device}", encodeAll(s.Device), "{tag}", encodeAll(s.Tag)).Replace(file)
	if name := folder + encoded; store.CheckKey(name) == nil {
		return name
	}
	sum := sha256.Sum256([]byte(s.Device + "\xff" + s.Tag)) // no byte of UTF-8, so that names cannot run into each other
	return folder + "preds_%sha256-" + hex.EncodeToString(sum[:]) + path.Ext(file)
}

// encodeAll encodes a name as keys do, and with it all that may run into another
// name: "_", which is between device and tag, and letters that a file system may
// not tell apart.
func encodeAll(name string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}
