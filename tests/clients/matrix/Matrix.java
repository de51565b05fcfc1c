// Java's HttpClient, for the client matrix in docs/faults.md. with_requests.py says how lines go in and out.
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Matrix {
    static SSLContext trusting(String caFile) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var file = new FileInputStream(caFile)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static String describe(Throwable error) {
        var text = error.getClass().getSimpleName();
        if (error.getMessage() != null) {
            return text + ": " + error.getMessage();
        }
        return text;
    }

    static synchronized void say(String number, String kind, String text) {
        System.out.println(number + "\t" + kind + "\t" + text.replaceAll("\\s+", " "));
    }

    static void ask(HttpClient client, String number, int milliseconds, String url) {
        var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMillis(milliseconds)).build();
        try {
            var answer = client.send(request, BodyHandlers.ofString());
            say(number, "ok", Integer.toString(answer.statusCode()));
        } catch (HttpTimeoutException error) {
            say(number, "timeout", error.getClass().getSimpleName());
        } catch (Exception error) {
            say(number, "error", describe(error));
        }
    }

    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder().sslContext(trusting(System.getenv("CPGW_CA_FILE"))).build();
        var input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null;) {
            var words = line.split(" ");
            new Thread(() -> ask(client, words[0], Integer.parseInt(words[1]), words[2])).start();
        }
        System.exit(0);
    }
}
