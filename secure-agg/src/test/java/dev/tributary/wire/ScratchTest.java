package dev.tributary.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchTest {

  @TempDir private Path folder;

  private static byte[] read(Scratch scratch, long position, int length) {
    byte[] bytes = new byte[length + 2];
    scratch.read(position, bytes, 1, length);
    assertThat(bytes[0] | bytes[length + 1]).isZero();
    return java.util.Arrays.copyOfRange(bytes, 1, length + 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void append_thenRead_anyPart(boolean onDisk) throws IOException {
    Path file = folder.resolve("scratch");
    Files.writeString(file, "of another session");
    Scratch scratch = onDisk ? Scratch.in(file, 12) : Scratch.inMemory();
    assertThat(scratch.append(ByteString.copyFromUtf8("first"))).isZero();
    assertThat(scratch.append(ByteString.EMPTY)).isEqualTo(5);
    long second = scratch.append(ByteString.copyFromUtf8("second!"));
    assertThat(second).isEqualTo(5);
    assertThat(scratch.size()).isEqualTo(12);
    assertThat(read(scratch, 0, 5)).asString().isEqualTo("first");
    assertThat(read(scratch, 2, 3)).asString().isEqualTo("rst");
    assertThat(read(scratch, second + 1, 4)).asString().isEqualTo("econ");
    assertThat(read(scratch, second, 0)).isEmpty();
    scratch.close();
    assertThat(file.toFile().exists()).isEqualTo(!onDisk);
  }

  @Test
  void inAFile_beyondItsLimitOrAfterItsEnd_isRefused() throws IOException {
    Path file = folder.resolve("scratch");
    Scratch scratch = Scratch.in(file, 10);
    scratch.append(ByteString.copyFromUtf8("123456"));
    assertThatThrownBy(() -> scratch.append(ByteString.copyFromUtf8("12345")))
        .isInstanceOf(UncheckedIOException.class)
        .hasStackTraceContaining("more than the 10 bytes");
    assertThat(Files.size(file)).as("nothing of it was written").isEqualTo(6);
    assertThat(scratch.append(ByteString.copyFromUtf8("1234"))).isEqualTo(6);
    assertThatThrownBy(() -> scratch.read(8, new byte[3], 0, 3))
        .isInstanceOf(UncheckedIOException.class);
    scratch.close();
    assertThatThrownBy(() -> scratch.read(0, new byte[1], 0, 1))
        .isInstanceOf(UncheckedIOException.class);
  }
}
