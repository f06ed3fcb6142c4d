// The driver of examples/consume/rotating_milvus.go. See test/conformance/driver.ts.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"driver/consume"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		panic(err)
	}
	clients := map[string]*consume.RotatingMilvus{}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var secretID, word string
		var count int
		_, _ = fmt.Sscan(lines.Text(), &secretID, &word, &count)
		milvus := clients[secretID]
		if milvus == nil {
			milvus = consume.NewRotatingMilvus(secretID, secretsmanager.NewFromConfig(settings))
			clients[secretID] = milvus
		}
		if word == "close" {
			_ = milvus.Close(ctx)
		}
		for range count {
			go func() { fmt.Println(secretID, outcome(ctx, milvus)) }()
		}
	}
}

func outcome(ctx context.Context, milvus *consume.RotatingMilvus) string {
	limit, err := time.ParseDuration(cmp.Or(os.Getenv("CALL_LIMIT"), "30s"))
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = milvus.Use(ctx, func(client *milvusclient.Client) error {
		_, err := client.ListCollections(ctx, milvusclient.NewListCollectionOption())
		return err
	})
	if err == nil {
		return "ok"
	}
	fmt.Fprintln(os.Stderr, err)
	switch text := err.Error(); {
	case strings.Contains(text, "auth check failure"), strings.Contains(text, "the cluster refuses"):
		return "failed refused"
	case status.Code(err) == codes.Unavailable, status.Code(err) == codes.DeadlineExceeded,
		errors.Is(err, context.DeadlineExceeded), strings.Contains(text, "Secrets Manager"):
		return "failed unavailable"
	}
	return "failed other"
}
