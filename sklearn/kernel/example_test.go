package kernel_test

import (
	"fmt"

	"github.com/fleetscore/fleetscore/sklearn/kernel"
)

func ExampleMachine_Decide() {
	p := kernel.Params{Kind: kernel.RBF, Gamma: 0.5}
	m, err := kernel.New(p, []float64{-1, 1}, 1, []float64{0.5, 0.5}, -0.25)
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := []float64{0, 1, 5} // of one feature each
	score, bound := make([]float64, 3), make([]float64, 3)
	m.Decide(rows, score, bound)
	for i, x := range rows {
		undecided := 1e-12 * bound[i]
		fmt.Printf("%v: score %.4f, outlier %v, decided %v\n", x, score[i], score[i] <= 0, score[i] > undecided || score[i] < -undecided)
	}
	// Output:
	// 0: score 0.3565, outlier false, decided true
	// 1: score 0.3177, outlier false, decided true
	// 5: score -0.2498, outlier true, decided true
}
