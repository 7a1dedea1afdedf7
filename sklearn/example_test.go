package sklearn_test

import (
	"fmt"
	"log"
	"os"

	"github.com/fleetscore/fleetscore/sklearn"
)

func ExampleLoad() {
	data, err := os.ReadFile("testdata/legacy/0.19-zero-linear.pkl")
	if err != nil {
		log.Fatal(err)
	}
	model, err := sklearn.Load(data)
	if err != nil {
		log.Fatal(err)
	}
	var scores sklearn.Scores
	if err := model.Score(sklearn.Column([]float64{10.5, 10.625, 11}), &scores); err != nil {
		log.Fatal(err)
	}
	for i, label := range scores.Label {
		fmt.Printf("%+.4f %+d\n", scores.Decision[i], label)
	}
	// Output:
	// -0.1875 -1
	// +0.0000 -1
	// +0.5625 +1
}

func ExampleInspect() {
	data, err := os.ReadFile("testdata/legacy/refused-os-system-p0.pkl")
	if err != nil {
		log.Fatal(err)
	}
	info, err := sklearn.Inspect(data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("native:", info.Native)
	for _, global := range info.Globals {
		fmt.Printf("%s, allowed: %v\n", global.Name, global.Allowed)
	}
	// Output:
	// native: false
	// os.system, allowed: false
}
