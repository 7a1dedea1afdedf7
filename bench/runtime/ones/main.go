// Command ones answers each row of CSV on its standard input with the score 1: what the bench runs
// in a container that has nothing else.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func main() {
	rows := bufio.NewScanner(os.Stdin)
	for score := "score"; rows.Scan(); score = "1" {
		sensor := rows.Text()[:strings.LastIndexByte(rows.Text(), ',')]
		fmt.Println(sensor + "," + score)
	}
}
