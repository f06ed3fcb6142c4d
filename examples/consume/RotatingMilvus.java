import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.milvus.v2.client.ConnectConfig;
import io.milvus.v2.client.MilvusClientV2;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * A Milvus client for a rotated secret, for any number of threads. If the cluster refuses the
 * token, the client reads the secret again and repeats the call, for up to ten seconds. The
 * repetition is safe, because a cluster does not execute a call that it answers with
 * UNAUTHENTICATED.
 *
 * <pre>{@code
 * RotatingMilvus milvus = new RotatingMilvus("milvus/orders", options -> options.dbName("shop"));
 * milvus.use(client -> client.listCollections());
 * }</pre>
 */
public final class RotatingMilvus implements AutoCloseable {
    /** How long a refused call waits, because a rotation takes seconds and proxies learn late. */
    private static final Duration BUDGET = Duration.ofSeconds(10);

    private record Credential(String endpoint, String token) {
        @Override
        public String toString() {
            return "Credential";
        }
    }

    private final SecretsManagerClient secretsManager = SecretsManagerClient.builder()
        .overrideConfiguration(options -> options.apiCallTimeout(Duration.ofSeconds(10)))
        .build();
    private final String secretId;
    private final Consumer<ConnectConfig.ConnectConfigBuilder> options;
    private CompletableFuture<Void> search;
    private volatile MilvusClientV2 client;
    private Credential credential;
    private volatile boolean isClosed;

    public RotatingMilvus(String secretId, Consumer<ConnectConfig.ConnectConfigBuilder> options) {
        this.secretId = secretId;
        this.options = options;
    }

    public <T> T use(Function<MilvusClientV2, T> call) {
        long end = System.nanoTime() + BUDGET.toNanos();
        MilvusClientV2 used = client;
        RuntimeException refusal = null;
        RuntimeException failure = null;
        for (long pause = 0;; pause = Math.min(2 * pause + 250, 2_000)) {
            if (used != null) {
                try {
                    return call.apply(used);
                } catch (RuntimeException error) {
                    if (!isRefusal(error)) {
                        throw error;
                    }
                    // The first connection takes its own time.
                    end = refusal == null ? System.nanoTime() + BUDGET.toNanos() : end;
                    refusal = error;
                }
            }
            // nanoTime() can overflow, so only differences of its times are right.
            if (end - System.nanoTime() <= TimeUnit.MILLISECONDS.toNanos(pause)) {
                break;
            }
            try {
                Thread.sleep(pause);
                if (used == client) {
                    long limit = used == null ? TimeUnit.MINUTES.toNanos(1) : end - System.nanoTime();
                    sharedSearch().get(limit, TimeUnit.NANOSECONDS);
                }
                failure = null;
            } catch (ExecutionException error) {
                // Secrets Manager may answer again within the budget.
                failure = error.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(error);
            } catch (TimeoutException error) {
                failure = new IllegalStateException("The search for a version has not ended in time.");
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
                failure = new IllegalStateException("The thread was interrupted.");
                break;
            }
            used = client;
        }
        if (refusal == null) {
            throw failure;
        }
        if (failure != null) {
            refusal.addSuppressed(failure);
        }
        throw refusal;
    }

    @Override
    public void close() {
        isClosed = true;
        secretsManager.close();
        if (client != null) {
            client.close();
        }
    }

    /** One search for all threads. It goes on if the budget of one of them ends. */
    private synchronized CompletableFuture<Void> sharedSearch() {
        if (search == null || search.isDone()) {
            search = CompletableFuture.runAsync(this::search, task -> new Thread(task).start());
        }
        return search;
    }

    /** Connects with an accepted version, if one differs from the credential in use. */
    private void search() {
        // A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT
        // later.
        for (String stage : new String[] {"AWSCURRENT", "AWSPENDING"}) {
            if (connect(read(stage))) {
                return;
            }
        }
        if (client == null) {
            throw new IllegalStateException(
                "The cluster refuses the versions AWSCURRENT and AWSPENDING of " + secretId + ".");
        }
    }

    private boolean connect(Credential next) {
        if (next == null || next.equals(credential)) {
            return false;
        }
        // Without a deadline, a call waits for an unreachable cluster for ever.
        ConnectConfig.ConnectConfigBuilder config = ConnectConfig.builder().rpcDeadlineMs(10_000);
        options.accept(config);
        MilvusClientV2 before = client;
        try {
            client = new MilvusClientV2(config.uri(next.endpoint()).token(next.token()).build());
            credential = next;
        } catch (RuntimeException error) {
            if (!isRefusal(error)) {
                throw error;
            }
            return false;
        }
        if (isClosed) {
            // close() may have run before the new client was in use.
            client.close();
        }
        if (before != null) {
            // close() cancels the calls of other threads, so it must be later than their deadline.
            CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES).execute(before::close);
        }
        return true;
    }

    /** Returns null if no version has the label. */
    private Credential read(String stage) {
        String value;
        try {
            value = secretsManager
                .getSecretValue(request -> request.secretId(secretId).versionStage(stage))
                .secretString();
        } catch (ResourceNotFoundException error) {
            if (stage.equals("AWSPENDING")) {
                return null;
            }
            throw error;
        }
        try {
            JsonObject secret = JsonParser.parseString(value).getAsJsonObject();
            JsonElement token = secret.has("token") ? secret.get("token") : secret.get("apiKey");
            // The first rotation adds the token.
            return new Credential(secret.get("endpoint").getAsString(), token != null ? token.getAsString()
                : secret.get("username").getAsString() + ":" + secret.get("password").getAsString());
        } catch (RuntimeException error) {
            // Gson's error can contain the secret, so it must not become the cause.
            throw new IllegalStateException("The secret " + secretId + " is no JSON with endpoint and credential.");
        }
    }

    private static boolean isRefusal(RuntimeException error) {
        // The SDK passes on gRPC's error, or its text. A gateway uses the code in other words.
        return String.valueOf(error.getMessage()).contains("UNAUTHENTICATED: auth check failure");
    }
}
