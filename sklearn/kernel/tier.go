package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

//go:generate go run -C gen . -out ../rbf_amd64.s -stubs ../rbf_amd64.go -pkg kernel

// tier is an implementation of rbf machines; all have the same results, to the
// bit.
type tier uint8

const (
	portable tier = iota
	avx2          // AVX2 and FMA: 4 rows at a time
	avx512        // AVX-512 F and DQ: 8 rows at a time
)

func (t tier) String() string { return [...]string{"portable", "avx2", "avx512"}[t] }

// Variable is the environment variable that forces a tier, by its name.
const Variable = "FLEETSCORE_KERNEL"

// Tier names the implementation that machines of this process have: avx512,
// avx2 or portable, the first that the processor and the operating system have,
// unless Variable says which. It is an error if Variable names none of them or
// one that they do not have; New then fails with it too.
func Tier() (string, error) {
	t, err := chosen()
	return t.String(), err
}

var chosen = sync.OnceValues(func() (tier, error) { return choose(os.Getenv(Variable), tiers()) })

// choose picks the tier of that name, or the best if the name is empty.
func choose(name string, available []tier) (tier, error) {
	if name == "" {
		return slices.Max(available), nil
	}
	var names []string
	for _, t := range available {
		if t.String() == name {
			return t, nil
		}
		names = append(names, t.String())
	}
	return portable, fmt.Errorf("the environment variable %s is %.40q; this processor has %s, and without the variable the best of them is used",
		Variable, name, strings.Join(names, ", "))
}
