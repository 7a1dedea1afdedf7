// Command peers measures fleetscore beside its peers, in one run: scikit-learn,
// ONNX Runtime, the best Python program for the whole job, and a process for each
// sensor. It makes their environment from bench/python/requirements.txt, trains
// what it needs, checks that all say the same, and writes what it measured between
// two marks of bench/RESULTS.md and into bench/results.json.
//
//	go run ./bench/peers [-rounds 5] [-run REGEXP] [-quick]
//
// Contestants take turns within a round, so that what else the machine does meets
// them alike; the medians of the rounds are compared. Those that are measured on one
// core are workers that live as long as the run, pinned to one core, and speak JSON
// lines: Python ones (bench/python/worker.py), and this program itself, once for each
// tier of the kernel.
package main
