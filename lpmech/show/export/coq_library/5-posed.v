(* ---- Part 2: that the numbers fit together ---------------------------------------------------------------------------- *)

Definition is_distribution {A} (p : A -> Q) (l : list A) : bool :=
  each l (fun a => is_nonnegative (p a)) && Qeq_bool (fold_right (fun a s => plus (p a) s) 0 l) 1.

Lemma is_distribution_ok {A} (p : A -> Q) l : is_distribution p l = true -> distribution p l.
Proof.
  intros H. apply andb_prop in H as [HN HS]. split.
  - intros a Ha. apply is_nonnegative_ok. exact (each_ok l _ HN a Ha).
  - apply Qeq_bool_iff in HS. rewrite <- HS. clear HN HS. unfold total.
    induction l as [|a l IH]; cbn; [reflexivity|]. now rewrite plus_ok, IH.
Qed.

Definition check_posed (e : environment) (r : requirements) : bool :=
  each (everyone e) (fun i =>
    Nat.eqb (length (outside (person e i))) (size (person e i))
    && each (types e i) (fun k => Nat.eqb (length (nth k (values (person e i)) [])) (length (costs e))))
  && match prior e with
     | Some _ => is_distribution (mass e) (profiles e)
     | None => each (everyone e) (fun i =>
         Nat.eqb (length (masses (person e i))) (size (person e i)) && is_distribution (mass_of e i) (types e i))
     end
  && match rule r with
     | Given lotteries =>
         each (profiles e) (fun theta => is_distribution (fun x => lookup (theta ++ [x]) lotteries) (outcomes e))
     | _ => true
     end.

Theorem posed (e : environment) (r : requirements) : check_posed e r = true -> well_posed e r.
Proof.
  unfold check_posed, well_posed. intros H. apply andb_prop in H as [H HR]. apply andb_prop in H as [HA HP].
  split; [|split].
  - intros i Hi. pose proof (each_ok _ _ HA i Hi) as K. cbn beta in K. apply andb_prop in K as [K L].
    split; [now apply Nat.eqb_eq|]. intros k Hk. apply Nat.eqb_eq. exact (each_ok _ _ L k Hk).
  - destruct (prior e); [now apply is_distribution_ok|]. intros i Hi.
    pose proof (each_ok _ _ HP i Hi) as K. cbn beta in K. apply andb_prop in K as [K L].
    split; [now apply Nat.eqb_eq|now apply is_distribution_ok].
  - destruct (rule r); try exact I. intros theta Ht. apply is_distribution_ok. exact (each_ok _ _ HR theta Ht).
Qed.
