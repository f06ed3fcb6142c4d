import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;

/** The driver of examples/consume/RotatingMilvus.java. See test/conformance/driver.ts. */
public final class Driver {
    public static void main(String[] args) {
        Map<String, RotatingMilvus> clients = new HashMap<>();
        Scanner lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            String[] words = lines.nextLine().split(" ");
            String secretId = words[0];
            RotatingMilvus milvus = clients.computeIfAbsent(secretId, Driver::open);
            if (words[1].equals("close")) {
                new Thread(milvus::close).start();
                continue;
            }
            for (int started = 0; started < Integer.parseInt(words[2]); started++) {
                new Thread(() -> System.out.println(secretId + " " + outcomeOf(milvus))).start();
            }
        }
        System.exit(0);
    }

    private static RotatingMilvus open(String secretId) {
        String caFile = System.getenv("CA_FILE");
        return new RotatingMilvus(secretId, options -> {
            // A busy machine needs long to load the classes of the first connection.
            options.connectTimeoutMs(60_000);
            if (caFile != null) {
                // Without a name, the SDK fails. The certificate is for this name.
                options.serverPemPath(caFile).serverName("localhost");
            }
        });
    }

    private static String outcomeOf(RotatingMilvus milvus) {
        try {
            milvus.use(client -> client.listCollections());
            return "ok";
        } catch (RuntimeException error) {
            error.printStackTrace();
            String text = error.toString();
            if (text.contains("auth check failure") || text.contains("The cluster refuses")) {
                return "failed refused";
            }
            boolean isAws = error.getClass().getName().startsWith("software.amazon");
            return isAws || text.matches("(?s).*(UNAVAILABLE|DEADLINE_EXCEEDED|Retry timeout).*")
                ? "failed unavailable"
                : "failed other";
        }
    }
}
