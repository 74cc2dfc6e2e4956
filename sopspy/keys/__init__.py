"""Key services: who can wrap and unwrap a data key. `ring.KeyRing` is the way in."""
