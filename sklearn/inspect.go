package sklearn

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// Info is what a model file says of itself.
type Info struct {
	Format      string   `json:"format"`                // "pickle" or "joblib"
	Compression string   `json:"compression,omitempty"` // "zlib", "gzip", …; empty: none
	Protocol    int      `json:"protocol"`
	Version     string   `json:"sklearn_version,omitempty"` // empty before 0.18, which did not write it
	Native      bool     `json:"native"`
	Reason      string   `json:"reason,omitempty"` // why it is not native
	Features    int      `json:"features,omitempty"`
	Steps       []Step   `json:"steps"`
	Globals     []Global `json:"globals"`
	Digest      string   `json:"sha256"`
	Size        int      `json:"size"`
}

// Step is one estimator: its constructor parameters and plain attributes, and the shapes of its arrays.
type Step struct {
	Name    string      `json:"name"`
	Class   string      `json:"class"` // with its module, as the file names it
	Native  bool        `json:"native"`
	Params  []Param     `json:"params"`
	Arrays  []ArrayInfo `json:"arrays"`
	Omitted int         `json:"omitted,omitempty"` // attributes past what is listed
}

// Param is an attribute whose value is a number, a string, a truth value or None.
type Param struct {
	Name  string `json:"name"`
	Value string `json:"value"` // as Python would print it, shortened
}

// ArrayInfo is an attribute that is an array or a sparse matrix.
type ArrayInfo struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
}

// Global is a class or function that the file names, and where.
type Global struct {
	Name    string `json:"name"` // module.name
	Offset  int    `json:"offset"`
	Allowed bool   `json:"allowed"`
	// RunsCode says that it does when Python loads the file, as far as is known: it is
	// of a module that no model needs.
	RunsCode bool `json:"runs_code,omitempty"`
}

// Hostile is the first thing that a file names which would run code if Python loaded
// it; nil if there is none. That may come after what Reason is about.
func (info *Info) Hostile() *Global {
	for n := range info.Globals {
		if info.Globals[n].RunsCode {
			return &info.Globals[n]
		}
	}
	return nil
}

// Digest is the identity of a model: the SHA-256 of its file, in hexadecimal.
func Digest(data []byte) string {
	var text [2 * sha256.Size]byte
	return string(AppendDigest(text[:0], data))
}

// AppendDigest appends [Digest] to dst.
func AppendDigest(dst, data []byte) []byte {
	sum := sha256.Sum256(data)
	return hex.AppendEncode(dst, sum[:])
}

// Inspect tells what is in a file, also where [Load] would refuse it. It
// executes nothing. The error is [ErrDamaged]; what could be told all the same
// (size, digest, what the file names up to where it is damaged) is in the Info.
func Inspect(data []byte) (Info, error) {
	info := Info{Digest: Digest(data), Size: len(data), Steps: []Step{}, Globals: []Global{}}
	doc, damage := pickle.Parse(data, pickle.Options{Allow: known, Lenient: true})
	if doc != nil {
		info.saw(doc)
	}
	model, err := Load(data)
	if err == nil {
		info.Native, info.Features = true, model.Features()
		return info, nil
	}
	info.Reason = err.Error()
	if damage != nil { // a file may name code and be damaged as well
		err = classify(damage)
	}
	if errors.Is(err, ErrDamaged) {
		return info, err
	}
	return info, nil
}

// saw adds what a parse found; one that failed has found no steps.
func (info *Info) saw(doc *pickle.Document) {
	info.Format, info.Compression = doc.Format().Container, doc.Format().Compression
	info.Protocol = doc.Protocol()
	for _, g := range doc.Globals() {
		info.Globals = append(info.Globals, Global{g.Module + "." + g.Name, g.Offset, g.Allowed, !g.Allowed && runsCode(topOf(g.Module))})
	}
	d := describer{Info: info}
	d.describe("", doc.Root(), 0)
}
