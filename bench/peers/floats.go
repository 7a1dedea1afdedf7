package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
)

// readFloats reads a file of little-endian doubles, as numpy's tofile writes it.
func readFloats(path string) ([]float64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(data)/8)
	for i := range values {
		values[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return values, nil
}

func writeFloats(path string, values []float64) error {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return os.WriteFile(path, data, 0o600)
}

// tolerance is the contract: a share of the sum of a decision's terms' absolute values.
const tolerance = 1e-12

// agree checks decision values against those of scikit-learn and their bounds.
func agree(got, want, bound []float64) error {
	if len(got) != len(want) || len(bound) != len(want) {
		return fmt.Errorf("%d decisions and %d bounds, expected %d", len(got), len(bound), len(want))
	}
	for i := range want {
		if share := math.Abs(got[i]-want[i]) / bound[i]; !(share <= tolerance) {
			return fmt.Errorf("row %d: %v, and scikit-learn %v: %.2g of the bound", i, got[i], want[i], share)
		}
		if (got[i] > 0) != (want[i] > 0) && math.Abs(want[i]) > tolerance*bound[i] {
			return fmt.Errorf("row %d: another label than scikit-learn's: %v, %v", i, got[i], want[i])
		}
	}
	return nil
}
