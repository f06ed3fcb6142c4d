// Package consume has a Milvus client for a rotated secret.
package consume

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// How long a refused call waits, because a rotation takes seconds and proxies learn late.
const budget = 10 * time.Second

// RotatingMilvus is for any number of goroutines. If the cluster refuses the token, it reads the
// secret again and repeats the call, for up to ten seconds. The repetition is safe, because a
// cluster does not execute a call that it answers with Unauthenticated.
//
//	milvus := consume.NewRotatingMilvus("milvus/orders", secretsmanager.NewFromConfig(config))
//	err := milvus.Use(ctx, func(client *milvusclient.Client) error {
//		_, err := client.ListCollections(ctx, milvusclient.NewListCollectionOption())
//		return err
//	})
type RotatingMilvus struct {
	secretID       string
	secretsManager *secretsmanager.Client
	// A mutex that can be waited for with a context. It protects the fields below.
	lock       chan struct{}
	client     *milvusclient.Client
	credential credential
}

type credential struct{ endpoint, token string }

func NewRotatingMilvus(secretID string, secretsManager *secretsmanager.Client) *RotatingMilvus {
	return &RotatingMilvus{secretID: secretID, secretsManager: secretsManager, lock: make(chan struct{}, 1)}
}

// Use needs a context with a deadline: the SDK waits for an unreachable cluster until then.
func (r *RotatingMilvus) Use(ctx context.Context, call func(*milvusclient.Client) error) error {
	searchCtx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	client, failure := r.otherThan(searchCtx, nil)
	if failure != nil {
		return failure
	}
	for pause := time.Duration(0); ; pause = min(2*pause+250*time.Millisecond, 2*time.Second) {
		err := call(client)
		if !isRefusal(err) {
			return err
		}
		select {
		case <-searchCtx.Done():
			return errors.Join(err, failure)
		case <-time.After(pause):
		}
		// If Secrets Manager fails, it may answer again within the budget.
		var other *milvusclient.Client
		if other, failure = r.otherThan(searchCtx, client); failure == nil {
			client = other
		}
	}
}

// Close ends the connection. No call may run.
func (r *RotatingMilvus) Close(ctx context.Context) error {
	if r.client == nil {
		return nil
	}
	return r.client.Close(ctx)
}

// Connects with a version that the cluster accepts. Returns the refused client if none is.
func (r *RotatingMilvus) otherThan(ctx context.Context, refused *milvusclient.Client) (*milvusclient.Client, error) {
	select {
	case r.lock <- struct{}{}:
		defer func() { <-r.lock }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT
	// later. Another goroutine may have replaced the refused client meanwhile.
	for _, stage := range []string{"AWSCURRENT", "AWSPENDING"} {
		if r.client != refused {
			return r.client, nil
		}
		next, err := r.read(ctx, stage)
		if err == nil && next != nil && *next != r.credential {
			err = r.connect(ctx, *next)
		}
		if err != nil && !isRefusal(err) {
			return nil, err
		}
	}
	if r.client == nil {
		return nil, fmt.Errorf("the cluster refuses the versions AWSCURRENT and AWSPENDING of %s", r.secretID)
	}
	return r.client, nil
}

func (r *RotatingMilvus) connect(ctx context.Context, next credential) error {
	// APIKey is the whole token. Without DisableConn, New sends a request with the token, and leaves
	// the connection open if the cluster refuses it.
	config := milvusclient.ClientConfig{Address: next.endpoint, APIKey: next.token, DisableConn: true}
	client, err := milvusclient.New(ctx, &config)
	if err != nil {
		return err
	}
	if _, err = client.GetServerVersion(ctx, milvusclient.NewGetServerVersionOption()); err != nil {
		return errors.Join(err, client.Close(ctx))
	}
	if before := r.client; before != nil {
		// Close cancels the calls of other goroutines, so it must be later than their deadlines.
		time.AfterFunc(time.Minute, func() { _ = before.Close(context.Background()) })
	}
	r.client, r.credential = client, next
	return nil
}

// Returns nil if no version has the label.
func (r *RotatingMilvus) read(ctx context.Context, stage string) (*credential, error) {
	answer, err := r.secretsManager.GetSecretValue(ctx,
		&secretsmanager.GetSecretValueInput{SecretId: &r.secretID, VersionStage: &stage})
	var notFound *types.ResourceNotFoundException
	if stage == "AWSPENDING" && errors.As(err, &notFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var secret struct{ Endpoint, Token, APIKey, Username, Password string }
	// The error of Unmarshal can contain a part of the secret, so it must not be passed on.
	if json.Unmarshal([]byte(aws.ToString(answer.SecretString)), &secret) != nil || secret.Endpoint == "" {
		return nil, fmt.Errorf("the secret %s is no JSON with endpoint and credential", r.secretID)
	}
	// The first rotation adds the token.
	token := cmp.Or(secret.Token, secret.APIKey, secret.Username+":"+secret.Password)
	return &credential{secret.Endpoint, token}, nil
}

// A gateway in front of the cluster uses the same code in other words.
func isRefusal(err error) bool {
	return status.Code(err) == codes.Unauthenticated && strings.Contains(err.Error(), "auth check failure")
}
