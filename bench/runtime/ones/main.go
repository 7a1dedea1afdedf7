// Command ones answers each row of CSV on its standard input with the score 1: what the bench runs
// in a container that has nothing else.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	rows := bufio.NewScanner(os.Stdin)
	rows.Scan() // the header
	fmt.Println("score")
	for rows.Scan() {
		fmt.Println(1)
	}
}
