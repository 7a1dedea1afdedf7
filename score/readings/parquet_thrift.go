package readings

import (
	"encoding/binary"
	"errors"
)

var errThrift = errors.New("its footer is damaged")

// maxThriftDepth is how deep structs and lists may be nested; those of a footer are less than 10.
const maxThriftDepth = 32

// leastStruct is how many bytes a struct in a list of them has.
const leastStruct = 3

// The types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftInt8   = 3
	thriftInt16  = 4
	thriftInt64  = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
	thriftUUID   = 13
)

// checkThrift sees that the lists of a struct have the elements that they say, and
// are not nested beyond reason.
func checkThrift(data []byte) error {
	_, err := skipStruct(data, maxThriftDepth)
	return err
}

func skipStruct(data []byte, depth int) ([]byte, error) {
	for depth > 0 && len(data) > 0 {
		head := data[0]
		data = data[1:]
		if head == 0 {
			return data, nil
		}
		var err error
		if head>>4 == 0 { // the number of the field follows
			if data, err = skipVarint(data); err != nil {
				return nil, err
			}
		}
		if kind := head & 0xf; kind != thriftTrue && kind != thriftFalse { // which are the field's values
			if data, err = skipThrift(data, kind, depth-1); err != nil {
				return nil, err
			}
		}
	}
	return nil, errThrift
}

func skipThrift(data []byte, kind byte, depth int) ([]byte, error) {
	size := 0
	switch kind {
	case thriftTrue, thriftFalse, thriftInt8:
		size = 1
	case thriftDouble:
		size = 8
	case thriftUUID:
		size = 16
	case thriftBinary:
		n, at := binary.Uvarint(data)
		if at <= 0 || n > uint64(len(data)-at) {
			return nil, errThrift
		}
		size = at + int(n)
	case thriftList, thriftSet:
		return skipList(data, depth)
	case thriftMap:
		return skipMap(data, depth)
	case thriftStruct:
		return skipStruct(data, depth)
	default:
		if kind >= thriftInt16 && kind <= thriftInt64 {
			return skipVarint(data)
		}
		return nil, errThrift
	}
	if size > len(data) {
		return nil, errThrift
	}
	return data[size:], nil
}

func skipVarint(data []byte) ([]byte, error) {
	_, n := binary.Uvarint(data)
	if n <= 0 {
		return nil, errThrift
	}
	return data[n:], nil
}

func skipList(data []byte, depth int) ([]byte, error) {
	if depth <= 0 || len(data) == 0 {
		return nil, errThrift
	}
	kind, n := data[0]&0xf, uint64(data[0]>>4)
	data = data[1:]
	if n == 0xf {
		var at int
		if n, at = binary.Uvarint(data); at <= 0 {
			return nil, errThrift
		}
		data = data[at:]
	}
	least := uint64(1)
	if kind == thriftStruct {
		least = leastStruct
	}
	if n > uint64(len(data))/least {
		return nil, errThrift
	}
	var err error
	for ; n > 0 && err == nil; n-- {
		data, err = skipThrift(data, kind, depth-1)
	}
	return data, err
}

func skipMap(data []byte, depth int) ([]byte, error) {
	n, at := binary.Uvarint(data)
	if at <= 0 || depth <= 0 || n > uint64(len(data)) {
		return nil, errThrift
	}
	if data = data[at:]; n == 0 {
		return data, nil
	}
	if len(data) == 0 {
		return nil, errThrift
	}
	key, value := data[0]>>4, data[0]&0xf
	data = data[1:]
	var err error
	for ; n > 0 && err == nil; n-- {
		if data, err = skipThrift(data, key, depth-1); err == nil {
			data, err = skipThrift(data, value, depth-1)
		}
	}
	return data, err
}
