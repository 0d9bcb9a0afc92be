(* ---- Part 2: that the numbers fit together ---------------------------------------------------------------------------- *)

Definition check_posed (e : environment) (r : requirements) : bool :=
  each (everyone e) (fun i =>
    shaped (sizes e ++ [length (outcomes e)]) (values (person e i)) && shaped (sizes e) (outside (person e i)))
  && (match prior e with
      | Some p => shaped (sizes e) p && is_distribution (mass e) (profiles e)
      | None => each (everyone e) (fun i => is_distribution (mass_of e i) (types e i))
      end
  && (each (asked r) (speaks_sense e)
  && (match class r with Groves => each (everyone e) (is_private e) | AnyTransfers => true end
  && match rule r with
     | Given lotteries =>
         shaped (sizes e ++ [length (outcomes e)]) lotteries
         && each (profiles e) (fun theta => is_distribution (fun x => lookup (theta ++ [x]) lotteries) (outcomes e))
     | _ => true
     end))).

Theorem posed (e : environment) (r : requirements) : check_posed e r = true -> well_posed e r.
Proof.
  unfold check_posed, well_posed. intros H. apply andb_prop in H as [HA H]. apply andb_prop in H as [HP H].
  apply andb_prop in H as [HC H]. apply andb_prop in H as [HG HR].
  split; [|split; [|split; [|split]]].
  - intros i Hi. pose proof (each_ok _ _ HA i Hi) as K. now apply andb_prop in K.
  - destruct (prior e).
    + apply andb_prop in HP as [HP HD]. split; [assumption|now apply is_distribution_ok].
    + intros i Hi. apply is_distribution_ok. exact (each_ok _ _ HP i Hi).
  - exact (each_ok _ _ HC).
  - intros E i Hi. rewrite E in HG. apply is_private_ok. exact (each_ok _ _ HG i Hi).
  - destruct (rule r); try exact I. apply andb_prop in HR as [HR HD]. split; [assumption|].
    intros theta Ht. apply is_distribution_ok. exact (each_ok _ _ HD theta Ht).
Qed.
