package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Files that {@code xz} 5 wrote: one in blocks, one with other properties and a small dictionary.
 */
class XzTest {
  private static final byte[] BLOCKS =
      Base64.getDecoder()
          .decode(
              "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4A+fA4NdADYaSh8IoCZXvYpUSrs19dzxPcCGqMIL/gMu"
                  + "hptYpbheF4W5uJaBa/vjUZ9wQ0COpXzuuMFkD9N89MVCV7NwrfEieCI/gHXAEd9ylHP7fJJVEavb"
                  + "od7QQ+3lPU2jZtmTcS1KTw5Y3kWAnUcJruuBXmPqj1dm3n/VNQgbL9jNnLl/DyUJW0ucHyXVSwVZ"
                  + "KwvOIfTY+4W+6u0O9kI744QxOngW0T22HJd7ulHYMxFL0L4j8ks2E5NDt4xmH4q9T4jILvmAN6Vl"
                  + "gsQdc4SbN6TMj0od9fC04RhIH4HBVqYDMIBXAV+YcSr8i0XKR08MKFTN67qwiI3vUL09KCEBnHZC"
                  + "B3DWlsMPKk4Q4JrGifvNEkHbR2kR7BhPyY1LJYpTs+86iAjwHIBmFvtsdi3hFXTBj1hOZSNzylbe"
                  + "tY670z+RUUA03juum77tPn+FWIGiXMd17tSbnKM+p5sXiqRORuDKk3VS1yRRGN1Idks3t5yIW2HP"
                  + "aqljlKTYGU9EDVzCuBWVNK4AMqLZ+sb1ocR5J+xQRKthsm7LY72MY6PR2vq39nUXeRVM6CgOrdy3"
                  + "IuLwtt+2quM9QJn4c/qmpQUVxuQIrq8Q3XOdUB2301FVSc2ITs6n74Sq9xxooa5E0/4EOPqLM3j2"
                  + "J6PW+M4+ThPmTZID0sHABJQnPdnaAjuWK3A3aImDsD1+IMFDqKgYlpJFBp7dM3NgI5K9gffhMR7A"
                  + "f2jT2Wq/qyPy/nTvDfHAnRdZWdQpLXPJ3AASJLe8dQnW9BS4wKWXMwyXAAYmEIqOP68TXGJmfYFE"
                  + "HO8qg8f/1Kl1D8PI3PVxPpvY5JCQy54ievY7cqOrNdb9RIyNoUVW96ncpmCJTtXqcZgRh4XDZR7S"
                  + "tlWjRqJI+95LFOdFqq/BaGOfMIYOZ0uE0lVpVVmt0QIAoXUnwT++p4RDDpHbl8Ob7WjX2hl8oioF"
                  + "gNhzFwaK2yZ8LFvFcpjahylrc4ZQpJ+jiUIDE+1JWoEfj3kYrU6gz7BILoN9JG1qrDwSNJwkYaTa"
                  + "SxKrPtkaiqskyv2nlXRjGcXMFjbs8CU7o/0a9FEWdf+sfROQu7pB/v6MOzmMeEED83cQtiHf5jWT"
                  + "HjLpabJqJrSXppRn9HyFHW/y1YpgKUghTHfF4hnlo6JRJ0b3mwp0ONMDVcllt8vx7Fu+NF+QbO7U"
                  + "y86OwPqpeJ7H3st4vDlGoZgAAACkv1Y2awL9XQIAIQEcAAAAEM9YzOAPnwOIXQAdCALhvMyCvWGD"
                  + "TktRbGblwyq3KN4FT+xgYZD3L1Ba3cclLTsrPK6fTgt9JdlgXluMaSGCXGbWDynCydWS+cbegzBK"
                  + "Jti/9jEnvu9jOPpfJwwOdJsxxG7FMJAMkYqfNbmIrWiVA/GbpHcqCwKCEosrLus2bred8CJ8ia3U"
                  + "oYyled85G1cw2wqvWAE7FXoWhU3LbZiOggUsvcv0/H299IK8wdeAuXNMKSqveEENL9VAgyQgvFZG"
                  + "kg74Z9nyxJUh4Gdomji0FRyT9KQ3Wr1X5CkqX6DXEMWVLZ6g88AlruoWoFq+sK74vvaXsFe69XuS"
                  + "iDmzfkoxn3tCsGUDc9Nm4reaNBlzBeV5U7x09pNcJyLDWDQ6DkrbCOQst+HbokW/GDYGs86V3c9l"
                  + "yvr8NY/7Z0RIJNr2Hshq5HYN1LuX/a/xCgUG5YC8IsabOPJR/yhygHhF7tGFRGyJ183mIDWm1+XD"
                  + "WAelX/vHBkUNQWBeB7gNg+APs4Mbs9EP1RICZ0Pl7fD7LDWmWL51KH3iI9j/Hbqg3kkQ1tjialI6"
                  + "frn4LGsl1Xsq8g1JDmxmVCiu32LCVXKfHYpbzUbRZvfuWJH3rWmAuq1d6hMI/QeSuh0triEoi5Ss"
                  + "ZFh3xzBH/q3RY5Ck5507zxeybRz1UA0ihb6SBR9m5vCN66asY79bL37nsrjSIt3yNL/zcB5htLFI"
                  + "rtoKw4XiRf/mun5Rg96xNHBTjGGj9NbUS6yIBr910rwCm4wNZbfthTKo39RcB7CRmybtWO+62xAy"
                  + "3vN/txJCCNKyrdvAErUypZoymxvKfBdBkwKVq7fateBwbZkfUDwq3kkFJnsRYqp9VG+zaUg7mHlh"
                  + "budwNVppEs98OLMNP7X0fb7F242g3VIb/nBYG+nTbCr58CGpEwbYjL3iwTDmjKkurVNIVuFM0oL5"
                  + "F4U2KGU3yx+aOEEqyIL81lVPiANy/b4H7SYRhi8TgLZc7F0PNllso6EE0id+IzhNEqtLbBWXnoeF"
                  + "KS9GECttCdzKniDBcMk5bQgj8fnSkXfu+XbYWuRR8xywzFCtRpuXMb4bwSj0BKpF2tMc4VHuflM4"
                  + "QmubFY3hL3EpTC4PPbngBeEaQ6bulJVpwBQbZFiaa/hdAGcXBhd1CxIVzlCqWC6o2WuQH3Ron1aB"
                  + "8LWi9XfAIRJPbwoSEP35VKwxOiKnzzYkslppzG64UCb5iTS9NhK7AIcv6pK59BxWAgAhARwAAAAQ"
                  + "z1jM4AV6AaldABiOgCMB8LuVpA6sR8NXrWHXTIpc+1aq1ceJYO377462duDL4qmAWCxKbcJqaWrP"
                  + "3UuxElwJ8PO3xZJyy9eqptrAV1H8bGcGkkLNx36Cm8Dff+yWfDStBjDso8TnMRwdOcFMByQagpwD"
                  + "tiONig+RBOjXwJXvnRuC4vMWlDbZL6t+OctnfSSMPZ+8OZILY5hvtgbj4o9ltsJgh2mb3mhF7jbg"
                  + "jOGw6WRNXlXWgz5318Dq+EVJ1xWgtiJVVS41NBgIbuCe1y/xusaVViC5zgTecGmajGKQsdTDL8jw"
                  + "uTjGOldkYRlj8iievkQmAIGdwXBi/2UKMu90elEOa46mImaizP+m9BIbtE5joAwngGnAIiYlykEw"
                  + "xdOrqZ9vvh1AkOCzOUy1n6DHodo4aNNhdnLt8f2bextrUWGbKhLl1zgUXqRkCc81P1wHPiLakLo5"
                  + "+lhFMvuZIOD16oK2nYSod25EKB6KpFV+QMTzsbwVEj08EamX2WLKTTnsXQiCzHsQmVxI+8z2j3Gr"
                  + "drs910TRoeuYfPH59tiCemNTjAgKd29zH+bwCi/OPdu1lVMAAAAAAOsgYkEo/p8tAAOfB6AfpAeg"
                  + "H8UD+woAAHfpZNOsJz4tBAAAAAAEWVo=");

  private static final byte[] PROPERTIES =
      Base64.getDecoder()
          .decode(
              "/Td6WFoAAAFpIt42AgAhAQAAAAA3J5fW4CS6CFtAADYaSjS3tZoyg83h9u7Zjrhh7idIOK7txRcF"
                  + "jvuRHbZJyyd1pxbhGY3vwUWBBrtEkg9rEocPyuZXnE+UqyaR+ISoPMPFVBiwoOsnMqljJgzMXiWw"
                  + "j8lXYiQ1B8WMGQ0vRw4o8ArDy/avrMsOxVzavc8kyZSRyLxHUVN3vsa6K3gX7h5KJh1W6d8Jw72S"
                  + "WteERwhZptRjOfn5VGTJlXlFW4+u3Hyxo6I82zvP30TlnrMMtwMlRY8tWv+/a+obYcO2/+ExTjM1"
                  + "Pl6NTyaOpxOmlUky7+VCJFwZ1ArIteOcZlh8XHLzBF+WDtEHM0jABzfloIcYSMRmW5t9wwRdYA1t"
                  + "YT4aVmTrdVlmUngU3PU+VobhIohCxvjxTy9j/gjVlRr4s8PmRRuvNY8YhWhcKCMGInBhEHc9O+kU"
                  + "HThbtHQ202y9X7G+7Vq+VwPm2NbGkodIpsh9EknscI2OqtCPefdfH6XwcHE4lxCv4JN+71dr6r+d"
                  + "qac8EVYTiY9Mu28+iFotZCmuVch+eocNSQyTqJvX0JrpDLsKh0PHqvoIz7TDM7Wog0dct3XrMvde"
                  + "5Odg2wHfjPMVdDNm0Qnxk29Lz5pG6xnJaPZrdzAyk4J/LbBHfjAiBW+6p7zjXmQjljOCpR0uSsB8"
                  + "z/hHajjKgpHc6ze+y6JZqFnP86uLEx8p2PNsYmtNzlGSFrQxSn4++w3iDf1nhE36k4O5GBmMIlEi"
                  + "BcNqfU672GDkvtbQU1AKtrMTn8o5oxcjuK9RoIfb79h9KU4hXIy4jULrH2vX93dPGa4TIjEK7Je7"
                  + "XnjQ2S6U237CsMYZn6O4jaEeiB1AtFe+MFxgtIX+J37xqFYehEkJ/CC4HtZZqk7p9JukW+VeMCzu"
                  + "eLNovb6kVoQjk3kioBhWKxIvPoUJ+NPkHfiEvymHA3i/3pVOKQbp8wfipiq16ykZN3BW4y7gWpQP"
                  + "nE6U5uBGLWDR+Yel7/9HQzbaZ5D8lYwPngZm+1zllm1nZswU+wCq9+4dM2/s7mOhjVMXslIgMlyA"
                  + "PVQF4PZK5Ic8eJs6LybA945zSr8LYZbVagb7wcKSkOVmoDsE+5KWfE40dEanvuH8pe1EkXnj/S4h"
                  + "HtOum3WXKv9QD6FX9SvTezT80WCyGaIlhZ9Zxtnvx2lywgAWFbpgOsLXMvF8sCTQFvtn+iTDTXPO"
                  + "kRME+n9WP2qC+za1AWbOfUfIdmgyn6azwkgIEwg8teoiQA7ZG7gG6HD5H4J9csLO6lVGZsyul4YD"
                  + "OnU6oBUvc5G/utzR64ytN8JX0CIUShcemQzCH6bmA94JAE+Tz5urUi8aFyav86lTFKiHeiMHtT6G"
                  + "dtceyKqhFVLQgLbHHU9cP1Ox7H2Pd/KC3+GhXx7MnUPpb2M7SLYsU1JvyfpNbHCzXxsK0bYvKXLa"
                  + "uNbeRc/BZeV2/qM/h1+bMIbIGfnW4RWVt/aaJhcIfZMitw5Vo0arP5JRJiv0wx6gRUtsGcUYWhg4"
                  + "+JfMosvWJGG+Y/zkysc+NXdQW1lrRP4OioFqSlHS8ni6iiP1SS8i1ucgjT7MNirCAsP1min8Fr8J"
                  + "Nz55ogVpcFV5ctsgKmJZchZEiAaBYCh707RzhdlIR5VUUdJgMc1erRyIz8MdFzO3azwZsbnYCIhn"
                  + "CKVQGtlsYv8vV6iZxvTUcwHLmt+DJxUK59H0F1stg9rZsrXWq91W9izQZ5IT0Hkft8+vpYgWTgH8"
                  + "EfOzSXEACapptiovKUJkENGUHwlBCg2Ou37FrXfo8hP9IJo8NBn8SNdXQMfYBN/aPPwSe+L5PjLm"
                  + "PAUCgUTlCP2tferDzgVMbAYOfmKOkxh/+Ge8qMoRevUJhXBwjTzyd9kQIX1XFazWJDAwAtqj0+XQ"
                  + "IbZNJcbJwhOo4l/thVrS4l2eeefnZeazc4ljtG2WUOhGkmo+6XMM3HNNSLwdRyN4zpWbY9VoFKB9"
                  + "BWxt5CYhPcD5nE31iLsj6WtLj7md/eXxNPxS1O0oRJW1m3w9TmE30g4rJmwX7pNBGI/QZhNpvDZw"
                  + "CkEMU2nxZ9Sm7TIJxCyp3Xhlc0CSN6Jyjwy6q/rcDWC78Rz4p9O6G0zRQtvHQk3P2/L2ovoRnqRd"
                  + "YrUk/rmM0blM6hgDXlzfnACjVT51cal6qaroZXw26grQg+r3Foorjj+oHIljFzwV0TiNeujtoSlB"
                  + "jW+DT9UZ3EHMSdl8/cMj2TJTKIQ1pNnJWJX6GUv1Ue9zSYK1leOKO4xfnTCW0GQz0v8Nvs88Ouqi"
                  + "RRnHm0p9cUv2H4HK1yKswFHwxmamxJYbEZOtkyRLp2Mnjt5Jg6+se4G0sfCrv72pcyVSJIfIM5sV"
                  + "jQJGBvzO87MPH72WvfhKGXWQZ069N1gnpa3fRmcvRD005+RiPVjKjn51gt43zqqAPsDLMO7gGBdZ"
                  + "KglDr8okMSxd/VApXlBnA2xy9lqySZoV+zEjgK3i9SjeUsyy6cjx59UCFL2bPR0gO9l9jW7uBiwR"
                  + "Rxy3q0829+IEk/gTWd6mXqa8AXPXRQ8NQPPhqkIH+FiEUWmU7VypCiqzLbqe17vvrmKvr1heTTS9"
                  + "k3w6TGkdu2snMJguBw8DY4BncZ9ZRhPPbQhaHOiZnO1iuqIqxB83wwS45Z9qxms+441Zqsr/mDgd"
                  + "CuKpQsnhUr0/y8GjczQ8p6dHCOT3JxYb246YHDxg0S15rLwz7sBp9A2QTpC+JES//5mWZFugrD5h"
                  + "A8jR1H//O+sV+Eq99IVlBmFyy7uHjs8JPljjznDIuWNftXLGaXG6jLq8ypg+pmCWldB9Ho0dpGkn"
                  + "mF66F9me/z8eZ1ip6NbKVP5T25eFSavbPIDc8/wSmwsV53svGC916AgzEJTVJyIdxV6VUxeOHNOn"
                  + "O1VaAAAAkT06JwAB8xC7SQAAPFeLhT4wDYsCAAAAAAFZWg==");

  private static byte[] plain() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      text.append("line %d: %d %s\n".formatted(i, i * i * 7919 % 10007, "abc".repeat(i % 5)));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    for (int i = 0; i < 3 * 256; i++) {
      bytes.write(i);
    }
    return bytes.toByteArray();
  }

  @Test
  void read_filesOfXz_givesTheirContents() throws IOException {
    assertThat(new Xz(new ByteArrayInputStream(BLOCKS)).readAllBytes()).isEqualTo(plain());
    assertThat(new Xz(new ByteArrayInputStream(PROPERTIES)).readAllBytes()).isEqualTo(plain());
  }

  @Test
  void read_bentFiles_endsOrIsRefusedAsIo() {
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int trial = 0; trial < 1_000; trial++) {
      byte[] bytes = PROPERTIES.clone();
      if (trial % 4 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      // A dictionary of 4 KiB stays small: its size is a byte of the header.
      if (bytes.length > 17 && bytes[17] != PROPERTIES[17]) {
        continue;
      }
      try {
        assertThat(new Xz(new ByteArrayInputStream(bytes)).readAllBytes()).isNotNull();
      } catch (IOException expected) {
        refused++;
      } catch (RuntimeException e) {
        fail("seed 1, trial " + trial, e);
      }
    }
    assertThat(refused).isGreaterThan(500);
  }
}
