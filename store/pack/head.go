package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/fleetscore/fleetscore/store"
)

const (
	headVersion = 1
	maxHead     = 64 << 20 // bytes
	maxPacks    = 1 << 16  // of a set
)

// head is what is stored of a set.
type head struct {
	Version   int        `json:"version"`
	Partition int        `json:"partition"`
	Models    int        `json:"models"`
	Packs     []packInfo `json:"packs"` // those that count first
	// Unsure are models that may have changed since they were read, though their
	// time says nothing of it.
	Unsure []string `json:"unsure,omitempty"`
	// From is the head of the set that this one was made from.
	From string `json:"from,omitempty"`
}

// packInfo is what a head says of a pack, so that its index can be read alone.
type packInfo struct {
	Key         string `json:"key"`
	Size        int64  `json:"size"`
	Index       int64  `json:"index"` // bytes of its index, at its start
	IndexSHA256 string `json:"index_sha256"`
	Base        bool   `json:"base,omitempty"`
}

func (h *head) set() Set {
	set := Set{Partition: h.Partition, Packs: make([]string, len(h.Packs)), Models: h.Models}
	for i := range h.Packs {
		set.Packs[i] = h.Packs[i].Key
	}
	return set
}

// parseHead reads a head, and makes sure that it is one of the partition.
func parseHead(data []byte, partition int) (*head, error) {
	h := &head{}
	if err := json.Unmarshal(data, h); err != nil {
		return nil, damaged("its head: %v", err)
	}
	if h.Version != headVersion || h.Partition != partition || h.Models < 0 || len(h.Packs) > maxPacks {
		return nil, damaged("its head is of version %d, partition %d, with %d packs", h.Version, h.Partition, len(h.Packs))
	}
	for i := range h.Packs {
		p := &h.Packs[i]
		folder, _, err := parsePackKey(p.Key)
		if err != nil || folder != folderOf(partition) || p.Index < headerSize || p.Size < p.Index || p.Size > store.MaxGet {
			return nil, damaged("its head names %.200q of %d bytes with an index of %d", p.Key, p.Size, p.Index)
		}
	}
	return h, nil
}

// readIndex reads the index of a pack, and not its models.
func (p *packInfo) readIndex(ctx context.Context, s Store) (_ *index, err error) {
	stream, err := s.GetRange(ctx, p.Key, 0, p.Index)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	data := make([]byte, p.Index)
	if _, err := io.ReadFull(stream, data); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = damaged("it ends early")
		}
		return nil, fmt.Errorf("reading the index of %s: %w", p.Key, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != p.IndexSHA256 {
		return nil, fmt.Errorf("reading the index of %s: %w", p.Key, damaged("its digest is not that of its head"))
	}
	x, err := parseIndex(data, p.Size)
	if err != nil {
		return nil, fmt.Errorf("reading the index of %s: %w", p.Key, err)
	}
	return x, nil
}
